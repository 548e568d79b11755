"""What every HTTP surface shares: routes, guard, requests, problems."""
