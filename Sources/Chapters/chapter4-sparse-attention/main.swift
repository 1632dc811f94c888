import Chapter4

Chapter4.main()
