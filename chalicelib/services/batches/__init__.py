"""The batch pipeline: submit, split, apply, finish, notify, watch."""
