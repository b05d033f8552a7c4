# IAM > Projects.

nav-projects = Projects
projects-lede = What your organization keeps its resources in, and who has a role there.
projects-lede-own = The projects in which you have a role.
projects-table = List of projects
projects-count = { $n } of { $most } projects
projects-full = Your organization has { $most } projects, and that is as many as it may have. Delete one to make room for another.
projects-none-title = No projects yet
projects-none-create = A project holds resources and the people who work with them. Create the first one.
projects-none-read = A project holds resources and the people who work with them. An Org Admin can create one.
projects-none-own-title = You have no role in a project
projects-none-own = Ask the admin of a project, or an Org Admin, to add you by the address you log in with:
project-new = New project
project-new-lede = A place for resources, with people who have a role in it.
project-create = Create project
project-created = The project is created.
project-name = Project
project-display-name = Display name
project-display-name-hint = Shown everywhere. You can change it later.
project-id = Project ID
project-id-hint = 3 to 30 characters: a-z, 0-9 and single hyphens. Programs use it, so it can never be changed. Leave it empty to have one generated.
project-description = Description
project-description-hint = Optional: what the project is for.
project-facts = Properties
project-created-at = Created
project-my-role = My role
project-my-role-none = None in this project; you see it by your organization role.
project-edit = Edit project
project-edit-lede = The Project ID stays as it is.
project-saved = The project is saved.
project-members = Members
project-members-table = List of members
project-members-title = All members
project-members-of = Everyone who has a role in { $project }.
project-members-count = { $n ->
        [0] Nobody has a role here.
        [one] 1 person has a role here.
       *[other] { $n } people have a role here.
    }
project-no-members = Org Admins see this project anyway. Add the people who work in it.
project-all-members = Show all members
project-member-since = Since
project-member-you = You
project-member-invited = Invited
project-member-deactivated = Deactivated
project-role = Project role
project-role-hint = A Project Admin adds, changes and removes members. Members and Readers see the project and who is in it.
project-add-member = Add member
project-add-member-lede = Give somebody of your organization a role in { $project }.
project-add-email-hint = The exact address of a registered user of your organization.
project-add-unknown = Nobody with this address is registered in your organization. Check the spelling, or ask an Org Admin to register them
project-add-deactivated = This user is deactivated. An Org Admin can reactivate them first
project-add-is-member = This user has a role in the project already. Change it in the list of members
project-member-added = { $name } has a role in the project from the next page they open.
project-change-role = Change role
project-change-role-lede = What { $name } may do in { $project }. It counts from the next page they open.
project-role-changed = The role is changed.
project-own-role = Nobody changes their own role. Another Project Admin or an Org Admin can do it.
project-own-role-short = Your own role
project-remove-member = Remove from project
project-removal-text = { $name } loses the role in { $project } and, without an organization role, no longer sees it.
project-removal-again = You can add them again at any time.
project-member-removed = { $name } has no role in the project any more.
project-resources = Resources
project-resources-table = List of resources
project-resources-title = All resources
project-resources-of = What { $project } holds.
project-resources-count = { $n ->
        [0] The project holds nothing.
        [one] The project holds 1 resource.
       *[other] The project holds { $n } resources.
    }
project-no-resources-title = No resources yet
project-no-resources = Resources appear here as soon as a service registers them in this project.
project-all-resources = Show all resources
resource-name = Resource
resource-kind = Kind
resource-id = Resource ID
resource-registered = Registered
project-delete = Delete project
project-holds-resources = { $n ->
        [one] This project cannot be deleted: it still holds 1 resource.
       *[other] This project cannot be deleted: it still holds { $n } resources.
    }
project-holds-resources-do = Remove these resources where they were created, then come back.
project-deletion-impact = { $n ->
        [0] Nobody has a role in this project, and it holds no resources.
        [one] 1 person loses their role. The project holds no resources.
       *[other] { $n } people lose their role. The project holds no resources.
    }
project-deletion-final = The project cannot be brought back.
project-deletion-type = Type the Project ID to confirm
project-deleted = The project { $project } is deleted.
projects-mine = My projects
projects-mine-all = Show all projects
