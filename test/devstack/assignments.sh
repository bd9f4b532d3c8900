# comment
PLAIN=one
export EXPORTED=two
SINGLE='a $b "c" # d'
DOUBLE="x $PLAIN ${EXPORTED} y"
JOINED=pre'mid dle'"post"
EMPTY=
SET_OR=${EMPTY:-fallback}
ESCAPED=a\ b\$c
CONTINUED=first\
second
PLAIN+=more # trailing comment
HASH=a#b
IN_QUOTES="a \"b\" 'c' \$d"
