# 로그인, 본인 확인, 로그아웃.

login-organization-hint = 조직을 만들 때 정한 이름입니다.
login-to-go-on = 계속하려면 로그인하세요.
login-lost = 로그인이 너무 오래 걸렸거나 브라우저가 쿠키를 저장하지 않습니다. 다시 시작하세요. 계속 이 화면으로 돌아오면 쿠키를 허용하거나 https 주소를 사용하세요.
login-forgot-organization = 내 조직 이름을 메일로 받기
login-new-here = 처음이신가요?
login-forgot-password = 비밀번호를 잊으셨나요?
login-reset-instead = 비밀번호 재설정하기
login-wrong = 조직 이름, 이메일 또는 비밀번호가 올바르지 않습니다.
login-locked = 비밀번호를 여러 번 잘못 입력했습니다. { $minutes }분 후 다시 시도하거나 비밀번호를 재설정하세요.
login-paused = 같은 네트워크에서 비밀번호를 너무 많이 잘못 입력했습니다. { $minutes }분 후 다시 시도하세요.
login-busy = 지금 로그인하는 사람이 많습니다. 입력한 내용은 그대로 있으니 비밀번호를 다시 입력하고 로그인을 누르세요.
login-logged-out = 로그아웃했습니다.
login-mail-organizations = 내 조직 이름을 메일로 받기
login-organizations-hint = 이 주소가 등록된 조직의 이름을 메일로 보내 드립니다.
login-organizations-sent = { $email } 주소가 등록되어 있으면 조직 이름을 메일로 보냅니다.
login-result-done = 성공
login-result-failed = 실패
login-result-refused = 거부
back-to-login = 로그인으로 돌아가기
confirmation-title = 본인 확인
confirmation-text = 다음 작업은 로그인 권한에 영향을 주므로 본인 확인이 필요합니다. 확인 후 하던 화면으로 돌아가며 입력한 내용은 유지됩니다.
confirmation-as = 로그인한 계정:
confirmation-button = 확인
