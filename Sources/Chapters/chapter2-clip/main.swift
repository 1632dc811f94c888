import Chapter2

Chapter2.main()
