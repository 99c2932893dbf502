// Package mail reads letters as mail relays hand them over (R22): headers and bodies in the encodings that Chinese mailers
// use (GBK, GB18030, Big5, quoted-printable, base64, also raw bytes in headers), HTML stripped to text, attachments apart.
package mail
