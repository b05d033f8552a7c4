# 요청 실패 화면.

failure-again = 다시 시도
failure-home = 처음으로
failure-missing-title = 페이지를 찾을 수 없습니다
failure-missing = 주소가 틀렸거나 더 이상 없는 페이지입니다.
failure-forbidden-title = 권한이 없습니다
failure-forbidden = 조직 관리자에게 참조 코드를 알려 주고 문의하세요.
failure-cross-site-title = 이 사이트에서 보낸 요청이 아닙니다
failure-cross-site = 변경된 내용은 없습니다. 이 사이트에서 화면을 다시 열고 시도하세요.
failure-bad-form-title = 양식을 읽을 수 없습니다
failure-bad-form = 변경된 내용은 없습니다. 화면으로 돌아가 다시 입력하세요.
failure-address-title = 접속 주소를 확인할 수 없습니다
failure-address = 서버 앞의 프록시가 읽을 수 없는 주소를 전달했습니다. 운영자에게 알려 주세요.
failure-type-title = 지원하지 않는 형식입니다
failure-type = 변경된 내용은 없습니다. 화면의 양식을 사용하세요.
failure-large-title = 내용이 너무 큽니다
failure-large = 변경된 내용은 없습니다. 양식은 최대 64KiB까지 보낼 수 있습니다.
failure-method-title = 허용되지 않는 요청입니다
failure-method = 화면을 열고 버튼을 사용하세요.
failure-host-title = 잘못된 주소입니다
failure-host = 이 서버는 이 이름으로 접속할 수 없습니다. 안내받은 주소를 사용하세요.
failure-busy-title = 지금은 요청이 많습니다
failure-busy = 변경된 내용은 없습니다. 몇 초 후 다시 시도하세요.
failure-unknown-title = 다시 시도하기 전에 확인하세요
failure-unknown = 연결이 끊겨 변경이 적용되었는지 확실하지 않습니다. 화면을 열어 확인하세요.
failure-broken-title = 서버에서 오류가 발생했습니다
failure-broken = 오류를 기록했습니다. 계속되면 고객 지원에 참조 코드를 알려 주세요.
