# 조직 관리.

organization-lede = { $name } 조직의 정보와 로그인 방식입니다.
organization-tab-account = 계정
organization-facts = 조직
organization-id = 조직 ID
organization-created = 생성일
organization-login-page = 로그인 페이지
organization-login-link = 조직 이름이 입력된 로그인 페이지
organization-login-method = 로그인 방식
organization-method-cloud = 클라우드 계정
organization-method-cloud-hint = 모든 사용자가 이메일과 비밀번호로 로그인합니다.
organization-company = 회사
organization-state-active = 사용 중
organization-state-awaiting = 소유자 비밀번호 대기
organization-state-suspended = 중지됨
ownership-title = 소유권 이전
ownership-lede = { $name } 조직의 소유자는 구성원의 로그인 방식을 정하고 조직을 닫을 수 있습니다. 소유자는 항상 한 명입니다.
ownership-effect = 새 소유자는 Org Admin와 Billing Admin도 됩니다. 회원님의 다른 역할은 그대로이며, 소유권은 새 소유자만 되돌려 줄 수 있습니다.
ownership-hint = 이 조직의 활성 사용자 주소를 입력하세요.
ownership-not-active = 이 조직에 있는 다른 활성 사용자의 주소를 입력하세요
ownership-transferred = 소유권을 이전했습니다. 두 분 모두 메일을 받습니다.
organization-modify = 계정 수정
organization-modify-lede = { $name } 조직의 구성원이 로그인하는 방식입니다.
two-factor = 2단계 인증
two-factor-active = 활성
two-factor-inactive = 비활성
two-factor-active-text = 비밀번호를 입력한 뒤 이메일, 휴대폰, 인증 앱 중 하나로 받은 인증번호를 입력합니다.
two-factor-inactive-text = 비밀번호만으로 로그인합니다.
two-factor-active-hint = 모든 사용자가 이메일, 비밀번호, 인증번호로 로그인합니다.
two-factor-owner-only = 조직 소유자(Org Owner)만 변경할 수 있습니다.
two-factor-preview = 2단계 인증을 켜면
two-factor-preview-text = 열려 있는 세션을 포함해 모든 사용자에게 바로 적용됩니다.
two-factor-users = 로그인할 수 있는 사용자
two-factor-with-mobile = 인증된 휴대폰 번호가 있는 사용자
two-factor-with-app = 인증 앱이 있는 사용자
two-factor-email-only = 이메일만 쓸 수 있는 사용자
two-factor-sessions = 다음 요청에서 2차 인증이 필요한 세션
two-factor-mail = 아직 배달되지 않은 가장 오래된 메일
two-factor-mail-none = 대기 중인 메일 없음
two-factor-mail-waits = { $minutes ->
        [0] 1분 미만 대기 중
       *[other] { $minutes }분째 대기 중
    }
two-factor-mail-stuck = 메일이 배달되지 않고 있습니다. 메일이 없으면 로그인할 수 없는 사용자가 많으므로 지금은 2단계 인증을 켤 수 없습니다.
two-factor-send-text = 메일이 도착하는지 확인하기 위해 { $email } 주소로 인증번호를 보냅니다.
two-factor-code-needed = 켜려면 먼저 인증번호를 받으세요.
two-factor-code-first = 먼저 인증번호를 받은 뒤 여기에 입력하세요.
two-factor-code-sent = { $email } 주소로 인증번호를 보냈습니다. 유효 기한:
two-factor-code-hint = 켤 때 필요한, 메일로 받은 숫자 6자리입니다.
two-factor-code-refused = 인증번호 메일을 배달하지 못했습니다. 메일이 도착할 때까지 2단계 인증을 켤 수 없습니다. 이후 인증번호를 다시 받으세요.
two-factor-not-delivered = 메일이 배달되지 않습니다. 메일이 거부되었거나 { $minutes }분 넘게 대기하고 있습니다. 변경된 내용은 없습니다.
two-factor-same = 변경된 내용이 없습니다.
two-factor-turned-on = 모든 사용자에게 2단계 인증이 활성화되었습니다. 소유자와 관리자에게 메일로 알립니다.
two-factor-turned-off = 2단계 인증이 비활성화되었습니다. 소유자와 관리자에게 메일로 알립니다.
two-factor-turn-off = 2단계 인증 끄기
two-factor-off-title = 변경되는 내용
two-factor-off-text = 이제부터 비밀번호만으로 로그인할 수 있습니다. 휴대폰 번호와 인증 앱은 그대로이며 아무도 로그아웃되지 않습니다.
