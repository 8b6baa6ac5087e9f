"""The rules, in plain Python: functions of values and of now."""
