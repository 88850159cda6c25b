"""A strict stand-in for Meta's servers: Graph API, webhooks and the people behind the phone numbers."""
