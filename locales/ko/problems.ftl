# 입력값 오류.

problem-missing = 값을 입력하세요
problem-too-long = { $most }자 이하로 입력하세요
problem-unprintable = 보이지 않는 문자나 줄바꿈 없이 입력하세요
problem-not-a-name = 링크나 <, > 없이 이름을 입력하세요
problem-not-an-email = name@example.com 형식의 이메일 주소를 입력하세요
problem-not-a-phone = 선택한 국가의 전화번호 또는 +와 국가 번호로 시작하는 번호를 입력하세요
problem-not-a-country = 목록에서 국가를 선택하세요
problem-not-a-registration-number = 사업자등록번호 10자리를 120-81-47521 형식으로 정확히 입력하세요
problem-not-an-organization-name = 3~30자의 영문 소문자, 숫자, 중간의 하이픈(-)만 입력하세요
problem-name-unavailable = 쓸 수 없는 이름입니다. 다른 이름을 입력하세요
problem-not-a-project-id = 3~30자의 영문 소문자, 숫자, 중간의 하이픈(-)만 입력하거나 비워 두세요
problem-project-id-unavailable = 쓸 수 없는 프로젝트 ID입니다. 다른 ID를 입력하세요
problem-not-a-role = 목록에서 역할을 선택하세요
problem-not-this-project-id = 표시된 프로젝트 ID를 똑같이 입력하세요
problem-term-not-agreed = 필수 약관에 모두 동의하세요
problem-not-a-sign-up-code = 안내받은 가입 코드를 입력하세요
problem-password-too-short = { $least }자 이상 입력하세요
problem-password-too-long = 128자 이하로 입력하세요
problem-password-weak = 추측하기 쉬운 비밀번호입니다. 서로 관련 없는 단어를 여러 개 쓰거나 더 길게 입력하세요
problem-password-names-you = 이름, 이메일, 조직 이름, 제품 이름을 넣지 마세요
problem-password-used-before = 최근에 쓴 비밀번호 3개와 다른 비밀번호를 입력하세요
problem-passwords-differ = 두 칸에 같은 비밀번호를 입력하세요
problem-wrong-password = 비밀번호가 올바르지 않습니다. 로그인할 때 쓰는 비밀번호를 입력하세요
problem-not-a-language = 목록에서 언어를 선택하세요
problem-not-a-time-zone = 목록에서 시간대를 선택하세요
