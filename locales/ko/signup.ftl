# 회원가입.

signup-step = { $n }단계
signup-step-done = 완료
signup-step-terms = 약관 동의
signup-step-member = 회원 정보
signup-step-organization = 조직 정보
signup-title-1 = 회원가입 1/3단계
signup-title-2 = 회원가입 2/3단계
signup-title-3 = 회원가입 3/3단계
signup-have-account = 이미 조직이 있나요?
signup-code = 가입 코드
signup-code-hint = 초대받은 분만 가입할 수 있습니다. 안내한 담당자에게 코드를 문의하세요.
signup-complete = 완료
signup-organization-hint = 모든 구성원이 로그인할 때 입력합니다. 3~30자의 영문 소문자, 숫자, 중간의 하이픈(-)을 쓸 수 있습니다.
signup-name-available = “{ $name }” 이름을 쓸 수 있습니다
signup-owner = 조직 소유자
signup-owner-hint = 조직을 책임지는 사람입니다. 처음에는 Org Owner, Org Admin, Billing Admin 역할을 모두 가집니다.
signup-email-hint = 로그인할 때 쓰는 ID입니다. 이 주소로 초대 메일을 보냅니다.
signup-mobile-country = 휴대폰 번호 국가
signup-throttled = 같은 네트워크에서 너무 많은 조직이 가입했습니다. { $minutes }분 후 다시 시도하세요.
signup-done-title = 메일을 확인하세요
signup-done = { $email } 주소로 초대 메일을 보냈습니다. 메일을 열어 비밀번호를 등록하면 { $organization } 조직을 쓸 수 있습니다.
signup-mailed-later-title = 초대 메일은 나중에 발송됩니다
signup-mailed-later = { $email } 주소는 오늘 받을 수 있는 초대 메일을 모두 받았습니다. 초대 메일은 { $at }에 발송됩니다. 메일을 열어 비밀번호를 등록하면 { $organization } 조직을 쓸 수 있습니다.
signup-not-mailed-title = 초대 메일을 보내지 않았습니다
signup-not-mailed = { $email } 주소는 오늘 받을 수 있는 초대 메일을 모두 받았고, 다른 초대 메일이 이미 대기 중입니다. 내일 새 메일을 보내거나 다른 주소로 보내세요.
signup-mail-failed-title = 메일을 전달하지 못했습니다
signup-mail-failed = 메일 서버가 { $email } 주소로 보내는 초대 메일을 받지 않았습니다: { $answer }. 주소를 고친 뒤 새 메일을 보내세요.
signup-done-until = 링크는 { $until }까지 쓸 수 있습니다.
signup-correct-title = 메일이 오지 않았거나 주소가 틀렸나요?
signup-correct = { $left -> 
        [0] 여기서는 더 이상 메일을 보낼 수 없습니다.
       *[other] 필요하면 주소를 고치세요. { $left }번 더 보낼 수 있고, 마지막에 보낸 링크만 쓸 수 있습니다.
    }
signup-mail-again = 메일 다시 보내기
signup-mailed-again = 새 메일을 보냈습니다.
signup-no-more-mails = 여기서는 더 이상 메일을 보낼 수 없습니다. 마지막 메일을 기다리거나 고객 지원에 문의하세요.
signup-address-throttled = 이 주소로는 오늘 더 이상 메일을 보낼 수 없습니다. 내일 다시 시도하세요.
signup-claimed-title = 조직이 준비되었습니다
signup-claimed = { $organization } 조직의 비밀번호가 등록되었습니다. 조직 이름, 이메일, 비밀번호로 로그인하세요.
signup-closed-title = 가입을 받지 않습니다
signup-closed = 지금은 새 조직을 만들 수 없습니다.
terms-legend = 내용을 읽고 동의하세요
terms-all = 모두 동의
terms-required = 필수
terms-optional = 선택
terms-read = 내용 보기
terms-version = 버전 { $version }
member-company = 회사명
member-country = 국가
member-registration-number = 사업자등록번호
member-registration-number-hint = 대한민국은 필수, 다른 국가는 선택입니다.
member-representative = 대표자명
member-phone = 회사 전화번호
member-billing-email = 청구서·세금계산서 이메일
member-billing-email-hint = 청구서와 세금계산서를 받을 주소입니다.
