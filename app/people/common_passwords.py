"""Passwords that get tried first: letters only, since digits and signs around a word are tried with it."""

COMMON = frozenset(
    """
    access admin adminadmin administrator adminpassword alertmanager april asdfghjkl august autumn baseball
    basketball batman changeme changemenow changemeplease contrasena correcthorsebatterystaple december
    default defaultpassword dragon engineer february football footballfootball friday grafana guest
    guestguest hello hellohello helloworld iloveyou iloveyouforever iloveyousomuch incident january jennifer
    jordan july june letmein letmeinnow letmeinplease login loginlogin march master masterkey michael monday
    monitoring monkey monkeymonkey motdepasse mypassword newpassword nightbell nightbellnightbell
    nightbellpassword november october oncall oncalloncall operations operator pager pagerduty pagerpager
    parole pass passphrase passw password passwordpassword passwords passwort princess prometheus qwerty
    qwertyqwerty qwertyuiop root rootpassword rootroot saturday secret secretpassword secretsecret september
    shadow spring starwars summer sunday sunshine sunshinesunshine superman supersecret temporary
    temppassword test testing testpassword testtest thisisapassword thisismypassword thursday topsecret
    trustnoone tuesday wednesday welcome welcomewelcome whatever winter yourpassword
    """.split()  # noqa: SIM905 - a list to read, not a line a word
)
