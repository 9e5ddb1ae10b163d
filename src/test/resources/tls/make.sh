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

# Next hops with certificates of an authority: one that is as it should be, one whose time is over, one whose time has not
# come. Certificate and key are in one file, as Java has them. Needs keytool. (nexthop.p12 is one that signed itself.)
keys() { # file, alias, name
  rm -f "$1"
  keytool -genkeypair -alias "$2" -keyalg EC -groupname secp256r1 -dname "CN=$3" -keystore "$1" -storepass changeit \
    -startdate 2020/01/01 -validity $days -ext "$4"
}
issued() { # file, first day, days
  keys "$1" nexthop mx.example san=dns:mx.example,ip:127.0.0.1
  keytool -certreq -alias nexthop -keystore "$1" -storepass changeit \
    | keytool -gencert -rfc -alias authority -keystore authority.p12 -storepass changeit -startdate "$2" -validity "$3" \
      -ext san=dns:mx.example,ip:127.0.0.1 > issued.pem
  cat issued.pem authority.pem | keytool -importcert -noprompt -alias nexthop -keystore "$1" -storepass changeit
}
keys authority.p12 authority authority.example bc:c
keytool -exportcert -rfc -alias authority -keystore authority.p12 -storepass changeit > authority.pem
issued nexthop-issued.p12 2020/01/01 $days
issued nexthop-expired.p12 2020/01/01 30
issued nexthop-early.p12 2100/01/01 30
rm -f authority.p12 issued.pem
# One that has its name as common name only.
keys localhost-cn.p12 localhost localhost ku=digitalSignature

# Certificates that clients show: of an authority, of another one of the same name, of nobody, of yesterday, by way of
# another authority. No keys: they are judged when TLS has shown that the client has the key.
mkdir -p clients
cd clients
authority() { # file, name
  keys "$1.p12" "$1" "$2" bc:c
  keytool -exportcert -rfc -alias "$1" -keystore "$1.p12" -storepass changeit > "$1.pem"
}
client() { # file, name, authority, first day, days, extension
  keys "$1.p12" "$1" "$2" san=dns:client.example
  keytool -certreq -alias "$1" -keystore "$1.p12" -storepass changeit \
    | keytool -gencert -rfc -alias "$3" -keystore "$3.p12" -storepass changeit -startdate "$4" -validity "$5" -ext "$6" > "$1.pem"
}
authority partner "Partner CA, O=Partner"
authority impostor "Partner CA, O=Partner"
client below "Partner Branch CA" partner 2020/01/01 $days bc:c
keytool -importcert -noprompt -alias partner -file partner.pem -keystore below.p12 -storepass changeit
keytool -importcert -noprompt -alias below -file below.pem -keystore below.p12 -storepass changeit
client good printer.partner.example partner 2020/01/01 $days san=dns:client.example
client other scanner.partner.example partner 2020/01/01 $days san=dns:client.example
client forged printer.partner.example impostor 2020/01/01 $days san=dns:client.example
client expired printer.partner.example partner 2020/01/01 30 san=dns:client.example
client branch printer.partner.example below 2020/01/01 $days san=dns:client.example
keys selfmade.p12 selfmade printer.partner.example san=dns:client.example
keytool -exportcert -rfc -alias selfmade -keystore selfmade.p12 -storepass changeit > selfmade.pem
rm -f *.p12
