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
