#include "pipeline/message_text.hpp"

namespace spectile::definition {

std::string on_one_line(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    return text;
}

}  // namespace spectile::definition
