# 공개 시작 화면.

start-title = 시작
start-heading = 조직으로 들어가는 정문
start-lede = { $product }에서 누가 어떻게 로그인할지 정하세요. 회사를 등록하고 구성원을 초대하고, 스스로 잠길 걱정 없이 보안을 설정할 수 있습니다.
start-sign-up = 조직 만들기
start-log-in = 콘솔 로그인
start-one-title = 스스로 잠기지 않습니다
start-one = 로그인 방식은 실제로 동작하는 것이 확인된 뒤에만 적용되며, 언제나 다시 들어올 방법이 있습니다.
start-two-title = 저장하기 전에 결과를 봅니다
start-two = 모든 보안 설정은 적용되기 전에 누구에게 영향을 주는지 숫자로 알려 줍니다.
start-three-title = 모든 일이 기록됩니다
start-three = 누가 언제 어디서 무엇을 했는지, 조회할 수 있는 참조 코드와 함께 남습니다.
