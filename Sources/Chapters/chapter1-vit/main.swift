import Chapter1

Chapter1.main()
