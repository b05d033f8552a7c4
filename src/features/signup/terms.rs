//! Example terms, for an operator who has not written any.

use crate::platform::config::Term;

impl Term {
    /// What ships: clearly examples, to be replaced in the configuration file.
    pub fn examples() -> Vec<Self> {
        let term = |id: &str, required: bool, title: [&str; 2], text: [&str; 2]| Self {
            id: id.to_owned(),
            version: "example-1".to_owned(),
            required,
            title: title.map(str::to_owned),
            text: text.map(str::to_owned),
        };
        vec![
            term(
                "service",
                true,
                ["Terms of service", "서비스 이용약관"],
                [
                    "This is an example. The operator of this installation replaces it with its own terms of service in the configuration file, with a version that is stored with each agreement.",
                    "예시 약관입니다. 이 서비스를 운영하는 사업자는 설정 파일에서 자체 이용약관으로 바꾸어야 하며, 동의할 때마다 약관 버전이 함께 저장됩니다.",
                ],
            ),
            term(
                "privacy",
                true,
                ["Collection and use of personal data", "개인정보 수집 및 이용"],
                [
                    "This is an example. It says which personal data are kept (name, email address, mobile number, addresses of logins), what for (logging in, security notices), and for how long (until the organization is deleted).",
                    "예시 안내입니다. 보관하는 개인정보(이름, 이메일 주소, 휴대폰 번호, 로그인 IP), 이용 목적(로그인, 보안 알림), 보관 기간(조직 삭제 시까지)을 안내합니다.",
                ],
            ),
            term(
                "news",
                false,
                ["News about the product by email", "제품 소식 이메일 수신"],
                [
                    "This is an example of an optional agreement. Sign-up goes on without it.",
                    "선택 동의 예시입니다. 동의하지 않아도 가입할 수 있습니다.",
                ],
            ),
        ]
    }
}
