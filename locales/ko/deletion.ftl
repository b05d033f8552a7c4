# 조직 삭제.

deletion-apply = 클라우드 조직 삭제 신청
deletion-title = 조직 삭제
deletion-lede = 신청한 날부터 { $days }일 뒤에 { $name } 조직의 모든 데이터가 삭제됩니다.
deletion-checklist = 신청 전에 할 일
deletion-checklist-text = 순서는 상관없습니다. 진행 상황은 자동으로 갱신됩니다.
deletion-checklist-done = 남은 일이 없습니다. 이제 삭제를 신청할 수 있습니다.
deletion-done = 완료
deletion-users = Org Owner를 제외한 모든 사용자 삭제
deletion-users-left = { $n ->
        [0] 다른 사용자가 없습니다.
       *[other] 본인 외에 사용자 { $n }명이 남아 있습니다.
    }
deletion-go-users = 사용자로 이동
deletion-projects = 모든 프로젝트 삭제
deletion-projects-left = { $n ->
        [0] 프로젝트가 없습니다.
       *[other] 프로젝트 { $n }개, 리소스 { $resources }개가 남아 있습니다.
    }
deletion-go-projects = 프로젝트로 이동
deletion-bills = 모든 청구서 납부
deletion-bills-left = { $n ->
        [0] 미납 청구서가 없습니다.
       *[other] 미납 청구서가 { $n }건 있습니다. 입금이 확인되면 납부 완료로 바뀝니다.
    }
deletion-go-bills = 청구 및 결제로 이동
deletion-first = 위의 일을 모두 마치면 삭제를 신청할 수 있습니다.
deletion-not-ready = 그사이에 사용자, 프로젝트 또는 청구서가 추가되어 신청하지 못했습니다. 할 일을 다시 확인하세요.
deletion-look-again = 다시 확인
deletion-look = 삭제 신청 보기
deletion-precautions = 유의 사항을 읽고 모두 체크하세요
deletion-precaution-everything = 계정, 청구서, 설정, 감사 로그는 물론 프로젝트와 리소스까지 조직의 모든 데이터가 삭제됩니다.
deletion-precaution-final = 삭제 예정일이 지나면 어떤 데이터도 복구할 수 없습니다.
deletion-precaution-withdrawal = 삭제 예정일까지는 신청을 철회할 수 있으며, 그동안에는 아무것도 새로 만들 수 없습니다.
deletion-tick-all = 유의 사항을 모두 읽고 체크하세요
deletion-type-name = 확인을 위해 조직 이름을 입력하세요.
deletion-request = 삭제 신청
deletion-requested-notice = 삭제를 신청했습니다. 삭제 예정일을 메일로 알려 드립니다.
deletion-state = 조직 삭제
deletion-none = 신청하지 않음
deletion-requested = 삭제 신청됨
deletion-held = 운영자가 보류함
deletion-held-text = 서비스 운영자가 삭제를 보류했습니다. 보류가 풀릴 때까지 아무것도 삭제되지 않으며, 풀린 뒤에도 최소 하루의 시간이 있습니다.
deletion-requested-by = { $name } 님이 { $when }에 신청했습니다.
deletion-erased-at = { $when }에 모든 데이터가 삭제됩니다.
deletion-by = 신청한 사람
deletion-at = 신청 시각
deletion-due = 삭제 예정일
deletion-waits-for-bills = { $n ->
       *[other] 미납 청구서가 { $n }건 있습니다. 모두 납부되기 전에는 삭제되지 않습니다.
    }
deletion-withdrawable = 삭제 예정일까지는 로그인하여 신청을 철회할 수 있습니다. 철회하면 모든 것이 그대로 유지됩니다.
deletion-withdraw = 신청 철회
deletion-withdrawn-notice = 신청을 철회했습니다. 아무것도 삭제되지 않습니다.
deletion-none-notice = 신청된 삭제가 없습니다. 변경된 내용은 없습니다.
deletion-nothing-new = 조직 삭제가 신청되어 아무것도 새로 만들 수 없습니다. 먼저 신청을 철회하세요.
deletion-banner = 이 조직의 삭제가 신청되었습니다. 빠르면 { $when }에 모든 데이터가 삭제됩니다.
deletion-banner-link = 신청 내용 보기
permission-view-deletion = 조직 삭제 전에 할 일 보기
deletion-export = 사본 보관
deletion-export-text = 사용자와 역할, 프로젝트, 청구서, 설정, 감사 로그까지 조직의 모든 데이터를 파일 하나로 받습니다.
deletion-export-hint = JSON Lines가 담긴 ZIP 파일입니다. 함께 들어 있는 목록 파일(manifest.json)에 각 파일의 줄 수와 SHA-256 값이 있습니다. 비밀번호 등 비밀 정보는 들어 있지 않습니다.
deletion-export-button = 내보내기 파일 받기
deletion-checked = 마지막 확인:
deletion-checked-again = 자동으로 다시 확인함:
