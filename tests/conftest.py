"""What every test may use."""

pytest_plugins = ["tests.local_cloud_fixtures"]
