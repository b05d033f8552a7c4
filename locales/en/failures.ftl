# Pages of requests that end without theirs.

failure-again = Try again
failure-home = To the start
failure-missing-title = There is nothing here
failure-missing = The address is wrong, or what was here is gone.
failure-forbidden-title = Your roles do not allow this
failure-forbidden = Ask an administrator of your organization, and name the reference code.
failure-cross-site-title = This did not come from our pages
failure-cross-site = Nothing was changed. Open the page here and try again.
failure-bad-form-title = This form could not be read
failure-bad-form = Nothing was changed. Go back to the page and fill it in again.
failure-address-title = Your address could not be read
failure-address = A proxy in front of this server named an address that cannot be read. Tell the operator of this installation.
failure-type-title = This kind of content is not taken
failure-type = Nothing was changed. Use the form on the page.
failure-large-title = This is too much
failure-large = Nothing was changed. A form takes 64 KiB at most.
failure-method-title = This cannot be done here
failure-method = Open the page and use its buttons.
failure-host-title = Wrong address
failure-host = This server does not answer to this name. Use the address you were given.
failure-busy-title = Busy at this moment
failure-busy = Nothing was changed. Try again in a few seconds.
failure-unknown-title = Look before you try again
failure-unknown = The connection was lost at a bad moment: the change may have been made or not. Open the page and look.
failure-broken-title = Something went wrong on our side
failure-broken = It is noted. If it happens again, name the reference code to the support.
