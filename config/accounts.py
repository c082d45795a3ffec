"""Settings of allauth: signing in, of people (docs/adr/0021) and of moderators."""

# People: an e-mail address and a code, no password.
LOGIN_URL = "/accounts/login/code/"
LOGIN_REDIRECT_URL = "/my/reports"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "web.accounts.Adapter"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # mail may be late, and frightened people are slow
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_FORMS = {
    "request_login_code": "web.accounts.EmailForm",
    "confirm_login_code": "web.accounts.CodeForm",
    "reauthenticate": "web.accounts.PasswordForm",
}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # the code has verified it
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

# Moderators: a password and a second factor (docs/guide/panel-sign-in.md).
# The only backend: each further one would compute a password hash of its own.
AUTHENTICATION_BACKENDS = ["reputation.admin.site.PasswordBackend"]
MFA_ADAPTER = "reputation.admin.signing_in.SecondFactors"

# Failures of the second factor, by address and by account. Those of passwords are counted in
# config.limits: here strangers would lock the account for its owner.
ACCOUNT_RATE_LIMITS = {
    # All forms, also those that config.limits refuses unread. No lower, since the owner may share
    # the address with who guesses. It closes the form while the cache is away.
    "login": "600/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    # Codes for signing in. By the mailbox they are counted in config.limits: here a stranger who
    # asks for somebody else's codes would use up the owner's.
    "request_login_code": "20/m/ip",
    # The password or a code once more, in an open session, which may be a stolen one.
    "reauthenticate": "20/h/user",
}
