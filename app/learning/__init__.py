"""What an incident taught: its postmortem, and what changes because of it."""
