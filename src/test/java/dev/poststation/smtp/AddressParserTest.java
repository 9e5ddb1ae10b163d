package dev.poststation.smtp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.poststation.smtp.AddressParser.Finding;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressParserTest {
  private static final String LABEL_63 = "a".repeat(63);

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "a@b, a, b",
        "user@example.com, user, example.com",
        "User.Name+tag@Example.COM, User.Name+tag, Example.COM",
        "!#$%&'*+-/=?^_{|}~@example.com, !#$%&'*+-/=?^_{|}~, example.com",
        "a@1.2.3, a, 1.2.3",
        "a@xn--mnchen-3ya.de, a, xn--mnchen-3ya.de",
        "a@a-b.c--d.e, a, a-b.c--d.e",
        "root@web_01.internal, root, web_01.internal",
        "user@example.com., user, example.com",
        "\"john doe\"@example.com, \"john doe\", example.com",
        "\"\"@example.com, \"\", example.com",
        "\"a@b>c<\"@example.com, \"a@b>c<\", example.com",
        "\"a\\\"b\\\\c\\ d\"@example.com, \"a\\\"b\\\\c\\ d\", example.com",
        "\"plain\"@example.com, \"plain\", example.com",
        "a@[192.0.2.1], a, [192.0.2.1]",
        "a@[IPv6:2001:db8::1], a, [IPv6:2001:db8::1]",
        "jürgen@example.com, jürgen, example.com",
        "a@münchen.de, a, münchen.de",
        "用户@例子.中国, 用户, 例子.中国",
        "\"böse \"@example.com, \"böse \", example.com",
        "संपर्क@डाटामेल.भारत, संपर्क, डाटामेल.भारत",
      })
  void aMailboxIsKeptAsItWasWritten(String text, String local, String domain) {
    assertThat(AddressParser.parse(text)).contains(new Address(local, domain));
    assertThat(path("<" + text + ">", false)).isEqualTo(new Address(local, domain));
    assertThat(path("<" + text + ">", true)).isEqualTo(new Address(local, domain));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "@",
        "a@",
        "@b",
        "a@b@c",
        ".a@b",
        "a.@b",
        "a..b@c",
        "a b@c",
        " a@b",
        "a@b ",
        "a@b c",
        "a@.b",
        "a@b..c",
        "a@b..",
        "a@.",
        "a@-b",
        "a@b-",
        "a@b-.c",
        "a@b!c",
        "a(comment)@b",
        "a,b@c",
        "a:b@c",
        "a\\b@c",
        "\"a@b",
        "\"a\"b@c",
        "\"a\\@b",
        "\"a\\\"@b",
        "a\"b\"@c",
        "\"a\tb\"@c",
        "\"a\\\u00e4\"@c",
        "<a@b>",
        "a@b>",
        "a@b\u0000",
        "a\u0007@b",
        "a\u0085b@c",
        "a\u2028b@c",
        "\ud800@b",
        "a@b\u3002c",
        "a@b\uff0ec",
        "a@m\u00fc\u2603nchen.de",
        "a@\u00a0b",
        "a@[192.0.2.1",
        "a@192.0.2.1]",
        "a@[192.0.2.256]",
        "a@[192.0.2]",
        "a@[192.0.2.1.1]",
        "a@[192.0.2.]",
        "a@[192.0.2.0001]",
        "a@[]",
        "a@[2001:db8::1]",
        "a@[IPv6:2001:db8:::1]",
        "a@[IPv6:]",
        "a@[IPv6:1:2:3:4:5:6:7]",
        "a@[IPv6:1:2:3:4:5:6:7:8:9]",
        "a@[IPv6:1:2:3:4:5:6:7:8::]",
        "a@[IPv6:::1::]",
        "a@[IPv6:12345::]",
        "a@[IPv6::1]",
        "a@[IPv6:1:]",
        "a@[IPv6:g::]",
        "a@[IPv6:::192.0.2]",
        "a@[IPv6:fe80::1%eth0]",
        "a@[tag:content]",
      })
  void whatIsNoMailboxIsNotParsed(String text) {
    assertThat(AddressParser.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[IPv6:::]",
        "[IPv6:::1]",
        "[ipv6:1::]",
        "[IPv6:1:2:3:4:5:6:7:8]",
        "[IPv6:1:2:3:4:5:6:7::]",
        "[IPv6:::2:3:4:5:6:7:8]",
        "[IPv6:1:2:3:4:5:6:192.0.2.1]",
        "[IPv6:::ffff:192.0.2.1]",
        "[IPv6:2001:DB8::aBcD:192.0.2.1]",
        "[0.0.0.0]",
        "[255.255.255.255]",
        "[010.001.00.0]",
      })
  void addressLiteralsAreUnderstood(String literal) {
    assertThat(AddressParser.parse("a@" + literal)).contains(new Address("a", literal));
  }

  @Property
  void anIpv6LiteralIsWhatTheJdkTakesForOne(@ForAll("nearlyIpv6") String text) {
    boolean expected;
    try {
      InetAddress address = InetAddress.ofLiteral(text);
      expected = text.contains(":") && address != null;
    } catch (IllegalArgumentException _) {
      expected = false;
    }
    assertThat(AddressParser.parse("a@[IPv6:" + text + "]").isPresent()).isEqualTo(expected);
  }

  @Provide
  Arbitrary<String> nearlyIpv6() {
    Arbitrary<String> part =
        Arbitraries.of("1", "ab", "0f0", "FFFF", "12345", "", "192.0.2.1", "192.0.2");
    return part.list().ofMinSize(1).ofMaxSize(10).map(parts -> String.join(":", parts));
  }

  @Test
  void theLimitsOfRfc5321AreThoseOfOctets() {
    String local64 = "l".repeat(64);
    String domain189 = String.join(".", LABEL_63, LABEL_63, "a".repeat(61));
    assertThat(finding("<" + local64 + "@" + domain189 + ">")).isEqualTo(Finding.PATH);
    assertThat(finding("<" + "ü".repeat(126) + "@b>")).isEqualTo(Finding.PATH);
    assertThat(finding("<" + "ü".repeat(126) + "l@b>")).isEqualTo(Finding.TOO_LONG);
    assertThat(finding("<" + local64 + "@" + domain189 + "a>")).isEqualTo(Finding.TOO_LONG);
    String domain255 = String.join(".", LABEL_63, LABEL_63, LABEL_63, LABEL_63);
    assertThat(finding("<a@" + domain255 + "." + LABEL_63 + ">")).isEqualTo(Finding.TOO_LONG);
    assertThat(finding("<a@a" + LABEL_63 + ">")).isEqualTo(Finding.MALFORMED);
    assertThat(AddressParser.parse(local64 + "@" + domain189)).isPresent();
    assertThat(AddressParser.parse(local64 + "@" + domain189 + "a")).isEmpty();
    assertThat(AddressParser.isDomain(domain255)).isTrue();
    assertThat(AddressParser.isDomain(domain255 + "a")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bounces+1234567-0a1b-john.q.public.with.a.long.name=customer-department.example",
        "SRS0=HHHH=TT=origin-department.example=somebody.with.a.long.name.and.more",
        "SRS1=HHHH=first-forwarder.example==HHHH=TT=origin-department.example=somebody",
        "prvs=1234567890=somebody.with.a.long.name.and.more+and.an.even.longer.detail"
      })
  void aLocalPartThatCarriesAnotherAddressMayBeLong(String local) {
    assertThat(local).hasSizeGreaterThan(64);
    assertThat(path("<" + local + "@lists.example>", false))
        .isEqualTo(new Address(local, "lists.example"));
    assertThat(path("<" + local + "@lists.example>", true))
        .isEqualTo(new Address(local, "lists.example"));
    assertThat(AddressParser.parse(local + "@lists.example")).isPresent();
    assertThat(finding("<" + "l".repeat(252) + "@b>")).isEqualTo(Finding.PATH);
    assertThat(finding("<" + "l".repeat(253) + "@b>")).isEqualTo(Finding.TOO_LONG);
  }

  @ParameterizedTest
  @ValueSource(strings = {"<@x:a@b>", "<@x.example,@y.example:a@b>", "<@x,@y,@z:a@b>", "<@x.:a@b>"})
  void aSourceRouteIsAcceptedAndForgotten(String path) {
    assertThat(path(path, false)).isEqualTo(new Address("a", "b"));
    assertThat(path(path, true)).isEqualTo(new Address("a", "b"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<@x>",
        "<@x:>",
        "<@x,:a@b>",
        "<@x,y:a@b>",
        "<@:a@b>",
        "<@x:@y:a@b>",
        "<x:a@b>",
        "<@x,",
        "<@",
        "<@[192.0.2.1]:a@b>",
        "< a@b>",
        "<a@b >",
        "<a@b<>",
        "<<a@b>>",
        "<a>"
      })
  void aMalformedPathIsRefused(String path) {
    assertThat(finding(path)).isEqualTo(Finding.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a@b", "a@b>", "<a@b", " <a@b>", "\"a\"@b", "[a@b]", ">"})
  void missingBracketsAreNamed(String path) {
    assertThat(finding(path)).isEqualTo(Finding.NO_BRACKET);
  }

  @Test
  void theNullPathIsAReversePathOnly() {
    assertThat(path("<>", false)).isSameAs(Address.NULL);
    assertThat(findingOf("<>", true)).isEqualTo(Finding.MALFORMED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Postmaster", "postmaster", "POSTMASTER"})
  void postmasterWithoutDomainIsAForwardPathOnly(String word) {
    assertThat(path("<" + word + ">", true)).isEqualTo(new Address(word, ""));
    assertThat(findingOf("<" + word + ">", false)).isEqualTo(Finding.MALFORMED);
    assertThat(AddressParser.parse(word)).isEmpty();
  }

  @Test
  void aPathEndsBehindItsBracket() {
    byte[] octets = "xx<a@b> SIZE=1".getBytes(StandardCharsets.UTF_8);
    assertThat(AddressParser.path(octets, 2, octets.length, false).end()).isEqualTo(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "example.com", "1", "münchen.de", "a_b.c", "mail-1.example"})
  void aDomainIsADomain(String text) {
    assertThat(AddressParser.isDomain(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "a.", ".a", "a..b", "-a", "a-", "a b", "[192.0.2.1]", "a@b", "a/b"})
  void whatIsNoDomainIsNone(String text) {
    assertThat(AddressParser.isDomain(text)).isFalse();
  }

  @Property
  void noTextMakesItThrow(@ForAll String text) {
    assertThatCode(() -> AddressParser.parse(text)).doesNotThrowAnyException();
    assertThatCode(() -> AddressParser.isDomain(text)).doesNotThrowAnyException();
  }

  @Property
  void whatWasParsedIsWrittenAsItWasRead(@ForAll("nearlyMailboxes") String text) {
    Optional<Address> parsed = AddressParser.parse(text);
    parsed.ifPresent(
        address -> {
          assertThat(address.toString()).isEqualTo(text.endsWith(".") ? cut(text) : text);
          assertThat(AddressParser.parse(address.toString())).contains(address);
          assertThat(address.isNull()).isFalse();
        });
  }

  private static String cut(String text) {
    return text.substring(0, text.length() - 1);
  }

  @Provide
  Arbitrary<String> nearlyMailboxes() {
    Arbitrary<String> piece =
        Arbitraries.of(
            "a", "b1", ".", "-", "\"", "\\", "\"q q\"", "ü", "_", "+", " ", "@", "[127.0.0.1]");
    Arbitrary<String> side =
        piece.list().ofMinSize(1).ofMaxSize(4).map(list -> String.join("", list));
    return Combinators.combine(side, side).as((local, domain) -> local + "@" + domain);
  }

  private static Address path(String text, boolean forward) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    AddressParser.Path path = AddressParser.path(octets, 0, octets.length, forward);
    assertThat(path.finding()).isEqualTo(Finding.PATH);
    assertThat(path.end()).isEqualTo(octets.length);
    return path.address();
  }

  private static Finding finding(String text) {
    assertThat(findingOf(text, true)).isEqualTo(findingOf(text, false));
    return findingOf(text, false);
  }

  private static Finding findingOf(String text, boolean forward) {
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    AddressParser.Path path = AddressParser.path(octets, 0, octets.length, forward);
    boolean more = path.finding() == Finding.PATH && path.end() < octets.length;
    return more ? Finding.MALFORMED : path.finding();
  }
}
