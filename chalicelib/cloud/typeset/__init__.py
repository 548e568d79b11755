"""What sets reports in type. Only the function that makes reports has it in its package."""
