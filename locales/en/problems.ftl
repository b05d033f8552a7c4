# What can be wrong with something typed.

problem-missing = Enter something here
problem-too-long = Use at most { $most } characters
problem-not-mobile = Enter a mobile number of a country to which SMS are sent
problem-unprintable = Type this without line breaks and without characters that reverse the text or stand for a lost character
problem-not-a-name = Enter a name without links, < or >, and with a space after a dot
problem-not-an-email = “{ $read }” is not an email address. Enter one like name@example.com
problem-several-emails = These are several email addresses. Enter one like name@example.com
problem-not-a-phone = “{ $read }” is not a phone number of the chosen country. Enter one, or one that begins with + and its country code, like +82 10 1234 5678
problem-not-a-country = Choose a country from the list
problem-not-a-registration-number = “{ $read }” is not a registration number. Enter its ten digits, like 120-81-47521, and check them for a slip
problem-not-an-organization-name = “{ $read }” cannot be an organization name. Use 3 to 30 characters: a-z, 0-9 and single hyphens in between
problem-name-unavailable = This name is not available. Choose another
problem-not-a-project-id = “{ $read }” cannot be a Project ID. Use 3 to 30 characters: a-z, 0-9 and single hyphens in between, or leave it empty
problem-project-id-unavailable = This Project ID is not available. Choose another
problem-not-a-role = Choose a role from the list
problem-not-this-project-id = Type the Project ID exactly as it is shown
problem-term-not-agreed = Agree to every required term to go on
problem-not-a-sign-up-code = Enter the sign-up code you were given
problem-password-too-short = Use at least { $least } characters
problem-password-too-long = Use at most 128 characters
problem-password-weak = This is easy to guess. Use several unrelated words, or more characters
problem-password-names-you = Apart from “{ $word }” this password is easy to guess. Add words that have nothing to do with you, your organization or the product
problem-password-used-before = Choose one that is not among your last three passwords
password-tries-throttled = { $minutes ->
        [one] You have tried too many new passwords. Wait 1 minute
       *[other] You have tried too many new passwords. Wait { $minutes } minutes
    }
problem-passwords-differ = Enter the same password in both fields
problem-wrong-password = The password is wrong. Enter the password you log in with
problem-not-a-language = Choose a language from the list
problem-not-a-time-zone = Choose a time zone from the list
problem-email-taken = Enter an address that is not registered in this organization yet
problem-not-confirmed = Type it exactly as it is shown above
problem-not-a-code = Enter the six digits of the code
problem-wrong-code = { $left ->
        [one] This is not the code that was sent. You have 1 more try
       *[other] This is not the code that was sent. You have { $left } more tries
    }
problem-wrong-app-code = This is not a code that your app shows now. Check that the phone’s clock is right, and enter the newest code
problem-code-replaced = A newer code was sent after this one. Enter the code from the newest message
problem-code-spent = No code works any more. Ask for a new one
problem-app-code-used = This code was used already. Wait for the next one
problem-too-many-codes = Too many wrong codes today. Try again tomorrow, or ask an administrator
problem-not-a-second-factor = Choose a way from the list that is not greyed out
problem-not-a-recovery-code = Enter all 24 letters and digits of the recovery code
problem-wrong-recovery-code = This is not an unused recovery code of your account
problem-not-this-organization = Type the name of this organization
problem-days-beside-choice = Choose Custom to use this number, or empty the field
problem-not-expiration-days = “{ $read }” is not a number of days from 30 to 180. Enter one like 90
problem-not-an-address = “{ $read }” is not an IP address. Enter one, such as 203.0.113.5
problem-address-in-a-web-address = “{ $read }” is a web address. Enter { $address }
problem-not-a-single-address = “{ $read }” is a mask or a range. Enter single addresses such as 203.0.113.5, one after another
problem-address-with-port = “{ $read }” has a port. Enter the address alone, such as 203.0.113.5
problem-address-with-zone = Enter the address alone, without a zone (%)
problem-nobodys-address = Nobody can come from this address
problem-address-listed = This address is in the list already
problem-too-many-addresses = The list is full: remove an address first
problem-address-not-registered = This address is not in the list yet: register it, or empty the field
problem-no-addresses = Register at least one address: an empty list would let nobody in
