/* What a cause may tell to read. */
#ifndef PAGES_H
#define PAGES_H

#define PAGE_01 "lessons/01-create-socket/README.md"
#define PAGE_02 "lessons/02-bind-address/README.md"
#define PAGE_03 "lessons/03-listen/README.md"
#define PAGE_04 "lessons/04-accept/README.md"
#define PAGE_05 "lessons/05-connect/README.md"
#define PAGE_06 "lessons/06-single-echo/README.md"
#define PAGE_07 "lessons/07-multi-echo/README.md"
#define PAGE_08 "lessons/08-threaded-echo/README.md"

#endif
