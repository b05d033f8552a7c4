# IAM > 프로젝트.

nav-projects = 프로젝트
projects-lede = 조직의 리소스를 담는 프로젝트와 그 구성원을 관리합니다.
projects-lede-own = 내가 역할을 가진 프로젝트입니다.
projects-table = 프로젝트 목록
projects-count = 프로젝트 { $n }개 / 최대 { $most }개
projects-full = 조직에서 만들 수 있는 프로젝트 { $most }개를 모두 사용 중입니다. 새로 만들려면 기존 프로젝트를 삭제하세요.
projects-none-title = 아직 프로젝트가 없습니다
projects-none-create = 프로젝트에는 리소스와 함께 일하는 사람을 담습니다. 첫 프로젝트를 만드세요.
projects-none-read = 프로젝트에는 리소스와 함께 일하는 사람을 담습니다. Org Admin이 만들 수 있습니다.
projects-none-own-title = 소속된 프로젝트가 없습니다
projects-none-own = 프로젝트 관리자나 Org Admin에게 아래 로그인 이메일로 추가해 달라고 요청하세요.
project-new = 새 프로젝트
project-new-lede = 리소스를 담고 사람마다 역할을 주는 공간입니다.
project-create = 프로젝트 만들기
project-created = 프로젝트를 만들었습니다.
project-name = 프로젝트
project-display-name = 표시 이름
project-display-name-hint = 모든 화면에 표시됩니다. 나중에 바꿀 수 있습니다.
project-id = 프로젝트 ID
project-id-hint = 3~30자의 영문 소문자, 숫자, 하이픈(-)만 쓸 수 있습니다. 프로그램에서 쓰는 값이므로 바꿀 수 없습니다. 비워 두면 자동으로 만들어집니다.
project-description = 설명
project-description-hint = 선택 사항: 프로젝트의 용도를 적으세요.
project-facts = 기본 정보
project-created-at = 생성일
project-my-role = 내 역할
project-my-role-none = 이 프로젝트에는 역할이 없으며 조직 역할로 보고 있습니다.
project-edit = 프로젝트 수정
project-edit-lede = 프로젝트 ID는 바뀌지 않습니다.
project-saved = 프로젝트를 저장했습니다.
project-members = 구성원
project-members-table = 구성원 목록
project-members-title = 전체 구성원
project-members-of = { $project } 프로젝트에 역할이 있는 모든 사람입니다.
project-members-count = { $n ->
        [0] 역할이 있는 사람이 없습니다.
       *[other] { $n }명이 역할을 가지고 있습니다.
    }
project-no-members = Org Admin은 역할이 없어도 이 프로젝트를 볼 수 있습니다. 함께 일할 사람을 추가하세요.
project-all-members = 구성원 모두 보기
project-member-since = 추가일
project-member-you = 나
project-member-invited = 초대됨
project-member-deactivated = 비활성
project-role = 프로젝트 역할
project-role-hint = Project Admin은 구성원을 추가·변경·제거합니다. Member와 Reader는 프로젝트와 구성원을 볼 수 있습니다.
project-add-member = 구성원 추가
project-add-member-lede = 조직의 사용자에게 { $project } 프로젝트의 역할을 줍니다.
project-add-email-hint = 조직에 등록된 사용자의 정확한 이메일 주소를 입력하세요.
project-add-unknown = 이 주소로 등록된 사용자가 조직에 없습니다. 주소를 확인하거나 Org Admin에게 등록을 요청하세요
project-add-deactivated = 비활성화된 사용자입니다. 먼저 Org Admin이 다시 활성화해야 합니다
project-add-is-member = 이미 이 프로젝트에 역할이 있는 사용자입니다. 구성원 목록에서 역할을 바꾸세요
project-member-added = { $name } 님에게 역할을 주었습니다. 다음에 여는 화면부터 적용됩니다.
project-change-role = 역할 변경
project-change-role-lede = { $project } 프로젝트에서 { $name } 님이 할 수 있는 일을 정합니다. 다음에 여는 화면부터 적용됩니다.
project-role-changed = 역할을 변경했습니다.
project-own-role = 자신의 역할은 바꿀 수 없습니다. 다른 Project Admin이나 Org Admin이 바꿀 수 있습니다.
project-own-role-short = 내 역할입니다
project-remove-member = 프로젝트에서 제거
project-removal-text = { $name } 님은 { $project } 프로젝트의 역할을 잃으며, 조직 역할이 없으면 더 이상 볼 수 없습니다.
project-removal-again = 언제든지 다시 추가할 수 있습니다.
project-member-removed = { $name } 님을 프로젝트에서 제거했습니다.
project-resources = 리소스
project-resources-table = 리소스 목록
project-resources-title = 전체 리소스
project-resources-of = { $project } 프로젝트에 있는 리소스입니다.
project-resources-count = { $n ->
        [0] 리소스가 없습니다.
       *[other] 리소스가 { $n }개 있습니다.
    }
project-no-resources-title = 아직 리소스가 없습니다
project-no-resources = 서비스가 이 프로젝트에 리소스를 등록하면 여기에 표시됩니다.
project-all-resources = 리소스 모두 보기
resource-name = 리소스
resource-kind = 종류
resource-id = 리소스 ID
resource-registered = 등록일
project-delete = 프로젝트 삭제
project-holds-resources = { $n ->
       *[other] 리소스가 { $n }개 남아 있어 프로젝트를 삭제할 수 없습니다.
    }
project-holds-resources-do = 각 리소스를 만든 서비스에서 먼저 삭제한 뒤 다시 시도하세요.
project-deletion-impact = { $n ->
        [0] 역할이 있는 사람도, 리소스도 없습니다.
       *[other] { $n }명이 역할을 잃습니다. 리소스는 없습니다.
    }
project-deletion-final = 삭제한 프로젝트는 되돌릴 수 없습니다.
project-deletion-type = 확인을 위해 프로젝트 ID를 입력하세요
project-deleted = { $project } 프로젝트를 삭제했습니다.
projects-mine = 내 프로젝트
projects-mine-all = 프로젝트 모두 보기
