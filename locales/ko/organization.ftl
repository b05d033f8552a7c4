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
