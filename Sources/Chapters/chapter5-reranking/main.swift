import Chapter5

Chapter5.main()
