#!/bin/sh
# Makes the keys and certificates of the tests anew. They protect nothing. Needs openssl.
set -e
cd "$(dirname "$0")"
days=36500

certificate() { # name, subject alternative names, key options …
  name=$1 names=$2
  shift 2
  openssl req -x509 -nodes -days $days -subj "/CN=$name.test" -addext "subjectAltName=$names" \
    -keyout "$name.key" -out "$name.pem" "$@" 2>/dev/null
}

certificate relay DNS:relay.example.com,DNS:mail.example.com -newkey ec -pkeyopt ec_paramgen_curve:prime256v1
certificate rsa DNS:rsa.example.com -newkey rsa:2048
certificate wild DNS:*.example.org -newkey ec -pkeyopt ec_paramgen_curve:prime256v1
certificate edwards DNS:ed.example.net -newkey ed25519

# The same keys in the forms that older programs write.
openssl rsa -in rsa.key -traditional -out rsa-pkcs1.key 2>/dev/null
openssl ec -in relay.key -out relay-sec1.key 2>/dev/null
{ openssl ecparam -name prime256v1; cat relay-sec1.key; } > relay-params.key
openssl rsa -in rsa.key -traditional -aes128 -passout pass:x -out rsa-encrypted.key 2>/dev/null
openssl pkcs8 -topk8 -in relay.key -passout pass:x -out relay-encrypted.key

# A chain in the wrong order.
cat rsa.pem relay.pem > disordered.pem
