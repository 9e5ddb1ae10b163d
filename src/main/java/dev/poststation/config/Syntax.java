package dev.poststation.config;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Says in our words what the library says of a broken text; its own are long, and speak of tokens.
final class Syntax {
  private static final String QUOTES = "put the text into double quotes";

  private static final List<Rule> RULES =
      List.of(
          rule(
              "still open|unescaped newline",
              "a quote of this line is never closed",
              "write \" where the text ends"),
          rule(
              "Reserved character '(.)' is not allowed", "$1 may only stand within quotes", QUOTES),
          rule("(?:got|token:) ':'", ": may only stand within quotes here", QUOTES),
          rule(
              "(?:got|token:) '([=+])'",
              "$1 comes where a setting has not ended yet",
              "put a comma before the next key, or the text into double quotes"),
          rule(
              "unbalanced close brace",
              "there is a } without a { before it",
              "remove it, or look for a { that is missing"),
          rule(
              "Expecting end of input or a comma, got '([^']*)'",
              "$1 does not belong to what stands before it",
              "put a comma between them, or each on a line of its own"),
          rule(
              "object at file root",
              "the file is a list, but must have settings",
              "write KEY = VALUE"),
          rule(
              "Key '([^']*)' may not be followed",
              "behind $1 comes neither a value nor a {",
              "write $1 = VALUE, or $1 { where a section begins"),
          rule(
              "substitution to a value: (.*) was part of a cycle",
              "$1 is made of itself",
              "write its value"),
          rule(
              "Cannot concatenate object or list with",
              "an object or list and a text stand side by side",
              "put a comma between them, or each on a line of its own"));

  private record Rule(Pattern pattern, String message, String remedy) {}

  private Syntax() {}

  private static Rule rule(String pattern, String message, String remedy) {
    return new Rule(Pattern.compile(pattern), message, remedy);
  }

  static Problem problem(Origin origin, String said) {
    for (Rule rule : RULES) {
      Matcher found = rule.pattern.matcher(said);
      if (found.find()) {
        String part = found.groupCount() > 0 ? found.group(1) : "";
        return Problem.error(
            origin, rule.message.replace("$1", part), rule.remedy.replace("$1", part));
      }
    }
    int hint = said.indexOf(" (if you ");
    return Problem.error(
        origin,
        "the text is broken: " + (hint < 0 ? said : said.substring(0, hint)),
        "text with special characters needs double quotes");
  }
}
