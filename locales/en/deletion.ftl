# Organization deletion.

deletion-apply = Apply for Cloud Organization Deletion
deletion-title = Organization deletion
deletion-lede = { $days ->
        [one] Everything of { $name } is erased 1 day after the request.
       *[other] Everything of { $name } is erased { $days } days after the request.
    }
deletion-checklist = What has to be done first
deletion-checklist-text = Do it in any order; this list looks by itself how far you are.
deletion-checklist-done = Nothing is left to do. The deletion can be requested.
deletion-done = Done
deletion-users = Delete all users except the Org Owner
deletion-users-left = { $n ->
        [0] Nobody else is registered.
        [one] 1 user is left besides you.
       *[other] { $n } users are left besides you.
    }
deletion-go-users = Go to Users
deletion-projects = Delete all projects
deletion-projects-left = { $n ->
        [0] There are no projects.
        [one] 1 project is left, { $resources ->
            [0] without resources.
            [one] with 1 resource.
           *[other] with { $resources } resources.
        }
       *[other] { $n } projects are left, { $resources ->
            [0] without resources.
            [one] with 1 resource.
           *[other] with { $resources } resources.
        }
    }
deletion-go-projects = Go to Projects
deletion-bills = Pay all bills
deletion-bills-left = { $n ->
        [0] No bill is open.
        [one] 1 bill is open. It counts as paid once the transfer has arrived.
       *[other] { $n } bills are open. They count as paid once the transfers have arrived.
    }
deletion-go-bills = Go to Billing
deletion-first = The request can be made once everything above is done.
deletion-not-ready = Something is left to do again: a user, a project or a bill was added meanwhile. Nothing was requested.
deletion-look-again = Check again
deletion-look = See deletion request
deletion-precautions = Read and tick each precaution
deletion-precaution-everything = Everything of the organization is erased: its account, bills, settings and audit log, projects and resources included.
deletion-precaution-final = After the date of erasure nothing can be recovered.
deletion-precaution-withdrawal = Until then you can withdraw the request. Meanwhile nothing new can be created.
deletion-tick-all = Read and tick every precaution
deletion-type-name = Type the name of the organization to confirm.
deletion-request = Request deletion
deletion-requested-notice = The deletion is requested. You get a mail with the date of erasure.
deletion-state = Deletion
deletion-none = Not requested
deletion-requested = Deletion requested
deletion-held = Held by the operator
deletion-held-text = Whoever runs this service holds the deletion. Nothing is erased until it is released, and you then have a day at least.
deletion-requested-by = By { $name }, { $when }.
deletion-erased-at = Everything is erased on { $when }.
deletion-by = Requested by
deletion-at = Requested
deletion-due = Date of erasure
deletion-waits-for-bills = { $n ->
        [one] 1 bill is open. Nothing is erased before it is paid.
       *[other] { $n } bills are open. Nothing is erased before they are paid.
    }
deletion-withdrawable = Until the date of erasure you can log in and withdraw the request. Then everything stays as it is.
deletion-withdraw = Withdraw request
deletion-withdrawn-notice = The request is withdrawn. Nothing is erased.
deletion-none-notice = No deletion is requested. Nothing was changed.
deletion-nothing-new = The deletion of this organization is requested: nothing new can be created. Withdraw the request first.
deletion-banner = The deletion of this organization is requested. Everything of it is erased on { $when } at the earliest.
deletion-banner-link = See the request
permission-view-deletion = See what organization deletion waits for
deletion-export = Keep a copy
deletion-export-text = Everything of the organization in one archive: people and roles, projects, bills, settings and the audit log.
deletion-export-hint = A ZIP file with JSON Lines. The manifest in it lists each file with its lines and SHA-256 digest. Passwords and other secrets are not in it.
deletion-export-button = Download export
deletion-checked = Last checked:
deletion-checked-again = Checked again by itself:
