-- How the delivery of a message ended or stands: why it failed, how far it got, since when it is tried, until when it works.
ALTER TABLE mails ADD COLUMN ending TEXT;
ALTER TABLE mails ADD COLUMN stage TEXT;
ALTER TABLE mails ADD COLUMN tried_since TIMESTAMP;
ALTER TABLE mails ADD COLUMN works_until TIMESTAMP;
