import Chapter3

Chapter3.main()
