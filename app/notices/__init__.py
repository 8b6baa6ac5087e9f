"""What people are told besides pages: in the app, by a quiet push, by mail."""
