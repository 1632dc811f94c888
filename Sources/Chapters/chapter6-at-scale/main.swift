import Chapter6

Chapter6.main()
