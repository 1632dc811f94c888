import Chapter7

Chapter7.main()
