"""The project's rules as tests, where the import contract, the linter and the types cannot check them."""
