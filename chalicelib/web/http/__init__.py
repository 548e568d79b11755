"""The parts shared by every HTTP surface: routes, guard, requests, problems."""
