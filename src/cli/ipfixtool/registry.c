/* SPDX-License-Identifier: MIT */
#include "cli/ipfixtool/registry.h"

static const struct {
    const char *name; /* RFC 7012 section 3.1 */
    unsigned length;
} types[] = {
    [P2I_TYPE_OCTETS] = {"octetArray", P2I_VARIABLE},
    [P2I_TYPE_UNSIGNED8] = {"unsigned8", 1},
    [P2I_TYPE_UNSIGNED16] = {"unsigned16", 2},
    [P2I_TYPE_UNSIGNED32] = {"unsigned32", 4},
    [P2I_TYPE_UNSIGNED64] = {"unsigned64", 8},
    [P2I_TYPE_MAC] = {"macAddress", 6},
    [P2I_TYPE_STRING] = {"string", P2I_VARIABLE},
    [P2I_TYPE_SECONDS] = {"dateTimeSeconds", 4},
    [P2I_TYPE_MILLISECONDS] = {"dateTimeMilliseconds", 8},
    [P2I_TYPE_NANOSECONDS] = {"dateTimeNanoseconds", 8},
    [P2I_TYPE_IPV4] = {"ipv4Address", 4},
    [P2I_TYPE_IPV6] = {"ipv6Address", 16},
};

const char *p2i_tool_type_name(int type)
{
    return types[type].name;
}

unsigned p2i_tool_type_length(int type)
{
    return types[type].length;
}

const char *p2i_tool_semantics_name(int semantics)
{
    switch (semantics) {
    case P2I_SEMANTICS_QUANTITY:
        return "quantity";
    case P2I_SEMANTICS_TOTAL:
        return "totalCounter";
    case P2I_SEMANTICS_DELTA:
        return "deltaCounter";
    case P2I_SEMANTICS_IDENTIFIER:
        return "identifier";
    case P2I_SEMANTICS_FLAGS:
        return "flags";
    default:
        return "default";
    }
}

static void print_xml(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '<':
            fputs("&lt;", out);
            break;
        case '>':
            fputs("&gt;", out);
            break;
        case '&':
            fputs("&amp;", out);
            break;
        default:
            fputc(*text, out);
        }
    }
}

void p2i_tool_libfds(FILE *out)
{
    size_t count = 0;
    const struct p2i_element *elements = p2i_elements(&count);
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<ipfix-elements>\n"
            "  <scope>\n"
            "    <pen>%u</pen>\n"
            "    <name>ssg</name>\n"
            "    <biflow mode=\"none\"></biflow>\n"
            "  </scope>\n",
            (unsigned)P2I_PEN);
    for (size_t i = 0; i < count; i++) {
        if (elements[i].pen != P2I_PEN) {
            continue;
        }
        fprintf(out,
                "  <element>\n"
                "    <id>%u</id>\n"
                "    <name>%s</name>\n"
                "    <dataType>%s</dataType>\n"
                "    <dataSemantics>%s</dataSemantics>\n"
                "  </element>\n",
                elements[i].id, elements[i].name, p2i_tool_type_name(elements[i].type),
                p2i_tool_semantics_name(elements[i].semantics));
    }
    fputs("</ipfix-elements>\n", out);
}

void p2i_tool_cert(FILE *out)
{
    size_t count = 0;
    const struct p2i_element *elements = p2i_elements(&count);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<registry id=\"ssg\" xmlns=\"http://www.iana.org/assignments\"\n"
          "          xmlns:cert=\"http://www.cert.org/ipfix\">\n"
          "  <registry id=\"ssg-information-elements\">\n",
          out);
    for (size_t i = 0; i < count; i++) {
        if (elements[i].pen != P2I_PEN) {
            continue;
        }
        fprintf(out,
                "    <record>\n"
                "      <name>%s</name>\n"
                "      <dataType>%s</dataType>\n",
                elements[i].name, p2i_tool_type_name(elements[i].type));
        if (elements[i].semantics != P2I_SEMANTICS_DEFAULT) {
            fprintf(out, "      <dataTypeSemantics>%s</dataTypeSemantics>\n",
                    p2i_tool_semantics_name(elements[i].semantics));
        }
        fprintf(out,
                "      <cert:enterpriseId>%u</cert:enterpriseId>\n"
                "      <elementId>%u</elementId>\n"
                "      <status>current</status>\n"
                "      <description><paragraph>",
                elements[i].pen, elements[i].id);
        print_xml(out, elements[i].meaning);
        fputs("</paragraph></description>\n    </record>\n", out);
    }
    fputs("  </registry>\n</registry>\n", out);
}

void p2i_tool_iespec(FILE *out)
{
    size_t count = 0;
    const struct p2i_element *elements = p2i_elements(&count);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%s(%u/%u)<%s>[%u]\n", elements[i].name, elements[i].pen, elements[i].id,
                p2i_tool_type_name(elements[i].type), p2i_tool_type_length(elements[i].type));
    }
}
