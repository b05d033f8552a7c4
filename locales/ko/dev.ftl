# 개발용 메일함.

mailbox-title = 메일함
mailbox-text = 개발 모드에서는 메일과 문자가 밖으로 나가지 않습니다. 보냈을 내용을 여기서 볼 수 있습니다.
mailbox-empty-title = 아직 메시지가 없습니다
mailbox-empty = 조직을 만들면 초대 메일이 여기에 도착합니다.
mailbox-to = 받는 사람:
