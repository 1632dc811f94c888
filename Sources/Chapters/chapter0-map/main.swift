import Chapter0

Chapter0.main()
