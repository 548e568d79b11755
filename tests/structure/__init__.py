"""The house rules, as tests: what the import contract, the linter and the types cannot say."""
