# 계정 설정.

account-title = 계정 정보
account-lede = 내 프로필, 비밀번호, 본인 확인 수단, 로그인 중인 기기를 관리합니다.
account-profile = 프로필
account-language = 언어
account-time-zone = 시간대
account-profile-saved = 프로필을 저장했습니다.
account-password-since = 마지막 변경: { $when }
account-change-password = 비밀번호 변경
account-change-password-text = 비밀번호를 바꾸면 다른 세션은 모두 종료됩니다.
account-password-changed = 비밀번호를 변경했고 다른 세션을 종료했습니다.
account-roles = 내 역할
account-sessions = 세션
account-sessions-text = 현재 로그인 중인 곳입니다.
account-this-session = 현재 세션
account-last-used = 마지막 사용
account-logged-in = 로그인
account-end-session = 로그아웃
account-end-others = 다른 세션 모두 로그아웃
account-session-ended = 세션을 로그아웃했습니다.
account-others-ended = { $n -> 
        [0] 다른 세션이 없습니다.
       *[other] 다른 세션 { $n }개를 로그아웃했습니다.
    }
account-by-provider = 조직의 IdP로 로그인하므로 이곳에서 설정할 것이 없습니다.
