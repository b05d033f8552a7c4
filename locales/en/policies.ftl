# Policies: the Security tab, and what saving a policy would do.

organization-tab-security = Security
security-lede = When passwords expire at { $name }, and from where its console is open.
policy-used = Used
policy-not-used = Not used
policy-not-applicable = Not applicable
policy-who-may = Only the Org Owner and Org Admins can change this.
policy-show = Show the effect
policy-look-first = This is what it would do. Save again to put it in force.
policy-same = Nothing was changed.
policy-older = Somebody saved this setting since you opened the page. Compare both, then save again or cancel.
policy-newer = In force now is version { $number } by
versions-title = History
versions-none = This was never changed.
versions-number = Version
versions-at = When
versions-by = Who
versions-back = Bring back
versions-now = In force
versions-provider = { $issuer } (Client ID { $client })
versions-unreadable = Written by another version of this product

expiration-title = Password expiration
expiration-text = Everybody sets a new password after some days.
expiration-set = Set password expiration
expiration-lede = Counted for each user from their last change of password. It holds for everybody at their next request.
expiration-expires = Password expires after
expiration-off = Passwords do not expire.
expiration-after = Passwords expire { $days } days after they were set.
expiration-days = { $days } days
expiration-custom = Custom
expiration-custom-days = Days, where custom
expiration-custom-hint = A whole number from { $least } to { $most }.
expiration-now-off = Passwords do not expire now.
expiration-now-after = Passwords expire after { $days } days now.
expiration-by-provider = Not applicable: everybody logs in through the organization’s IdP.
expiration-impact = If passwords expire after { $days } days
expiration-impact-off = If passwords do not expire: nobody has to set a new one
expiration-users = Users with a password
expiration-at-once = Must set a new password at their next request
expiration-month = More within the next four weeks
expiration-own-until = Your own password will expire on
expiration-own-expired = You are among them: you set a new password at your next click.
expiration-chart = How many passwords expire, at once and in each week
expiration-finding = { $now } of { $users } passwords expire at once
expiration-chart-now = Now
expiration-chart-week = Week { $week }
expiration-in-week = In week { $week }
expiration-legend-weeks = In a week to come
expiration-legend-now = At once
expiration-when = When
expiration-how-many = Passwords
expiration-saved = Password expiration was changed. Owner and administrators are told by mail.
expiration-banner = { $days ->
        [0] Your password expires today:
        [one] Your password expires in 1 day:
       *[other] Your password expires in { $days } days:
    }
expiration-banner-set = Set a new password
expired-title = Your password has expired
expired-text = Passwords of { $organization } expire after some time. Set a new one to go on where you were.
expired-form = What you sent was not saved yet; it comes back as typed.
password-current = Current password

access-title = Console access control
access-text = The console is open from certain addresses only.
access-control = Control console access
access-lede = The list holds for everybody at every request. Whoever comes from another address is refused, but not logged out.
access-use = Console access control
access-use-hint = The console is open from the addresses of the list only.
access-is-off = The console is open from every address.
access-is-on = Open from { $addresses }
access-is-off-kept = Open from every address (list kept: { $addresses })
access-kept = The console is open from every address. The list is kept for when it is used again.
access-now-off = Not used now.
access-now-on = { $n ->
        [one] Used now, with 1 address.
       *[other] Used now, with { $n } addresses.
    }
access-list = Addresses that get in
access-count = { $n } of { $most }
access-empty = No address is registered yet.
access-address = IP
access-address-hint = One address, such as 203.0.113.5; no mask or range.
access-description = Description
access-description-hint = What it is, such as “Office Seoul”.
access-last-use = Last use
access-unused = Not in the last 30 days
access-you = You
access-ipv6 = Many devices change their IPv6 address daily.
access-register = Register
access-remove = Remove
access-add = Add
access-add-own = Add my address
access-add-own-text = Your address { $address } is not in the list. Saving a list without it is refused.
access-full = The list is full: { $most } addresses. Remove one to register another.
access-suggested = Addresses of recent logins
access-used-by = { $n ->
        [one] 1 person
       *[other] { $n } people
    }
access-impact = If only this list got in
access-impact-text = From the logins of the last 30 days (at most the latest { $logins }) and the sessions that are open.
access-people = People seen in the last 30 days
access-refused-people = People who used an address outside the list
access-refused-sessions = Open sessions refused at their next request
access-own-inside = You come from { $address }, which gets in.
access-own-outside = You come from { $address }, which does not get in.
access-own-refused = Nothing was saved: your own address { $address } is not in the list, and you would shut yourself out. Use “Add my address”, then save.
access-besides = Besides
access-gets-in = Also came from an address that gets in
access-shut-out = Would be shut out
access-more = And { $n } more.
access-tester = Would an address get in?
access-tested = Address to test
access-test = Test
access-test-inside = { $address } gets in.
access-test-inside-by = { $address } gets in, as “{ $description }”.
access-test-outside = { $address } does not get in.
access-saved = Console access control is in force. Owner and administrators are told by mail.
access-saved-off = Console access control is not used. Owner and administrators are told by mail.
access-proxy = Your request came through a proxy that is not configured here, so everybody seems to come from { $address }. Console access control cannot be turned on until the operator names the proxy in the setting of trusted proxies.
access-proxy-silent = Your request came from { $address }, a configured proxy that names no client in the header { $header }, so everybody seems to come from there. Console access control cannot be turned on until the operator sets the proxy or the setting VESTIBULE_FORWARDED_HEADER right.
access-proxy-refused = Nothing was saved: everybody seems to come from { $address }, the address of a proxy. Ask the operator to set the trusted proxies and their header right.
access-ipv6-only = This list lets you in by single IPv6 addresses only. Computers change them within a day, and the same connection may come by IPv4. Add an IPv4 address that you used lately, or say below that this is meant.
access-ipv6-codes = { $n ->
        [one] The Org Owner has 1 recovery code left, which opens this list from any address.
       *[other] The Org Owner has { $n } recovery codes left, each of which opens this list from any address.
    }
access-ipv6-no-codes = The Org Owner has no recovery code left that would open this list from another address. Make owner recovery codes first.
access-ipv6-meant = I may lose access when my IP address changes. I have another way to log in.
access-ipv6-not-meant = Nothing was saved: this list lets you in by single IPv6 addresses only. Add an IPv4 address that you used lately, or tick that this is meant.
repair-access-text = The list of addresses from which the console is open. Your own has to be among them.
expired-done = Your new password is set.
