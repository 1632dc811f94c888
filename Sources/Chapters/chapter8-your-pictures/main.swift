import Chapter8

Chapter8.main()
