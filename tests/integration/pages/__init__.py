"""What people do on the pages of each family, for the story in which every grant is used."""
